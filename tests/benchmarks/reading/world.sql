-- Who and what there is, in temporary tables: actors, models and words, the frequent ones first.
-- A value is drawn with width_bucket(random(), steps): `steps` is the cumulative share by Zipf's law.

CREATE TEMP TABLE zipf AS
SELECT size, array_agg(share::float8 ORDER BY rank) FILTER (WHERE rank < size) AS steps
  FROM (SELECT size, rank, sum(1.0 / rank) OVER (PARTITION BY size ORDER BY rank)
                           / sum(1.0 / rank) OVER (PARTITION BY size) AS share
          FROM (VALUES (6), (20), (40), (%(actors)s)) AS sizes (size), generate_series(1, size) AS rank) AS shares
 GROUP BY size;

CREATE TEMP TABLE models AS
SELECT rank, label, channel, NOT label LIKE 'events.%%' AS stored,
       rank %% 2 = 0 AS uuid_keys, (40000 / rank)::int + 50 AS records
  FROM unnest(%(models)s::text[], %(channels)s::text[]) WITH ORDINALITY AS given (label, channel, rank);

-- An actor belongs to one tenant, works on six models, and some come or go during the two years.
CREATE TEMP TABLE actors AS
SELECT rank, (10000 + rank * 7)::text AS id,
       initcap((ARRAY['ada','bo','chidi','dana','emil','fatima','goran','hana','ivo','jun','kofi','lena','mira','noor'])[1 + rank %% 14])
       || ' ' ||
       initcap((ARRAY['abe','berg','castro','diaz','eze','falk','gomez','haddad','ito','jensen','kaya','lind','moreau'])[1 + rank %% 13])
       || ' ' || rank AS label,
       (ARRAY['north','south','east','west','centre','coast','hills','lake','river','harbour',
              'mill','park','bridge','tower','garden','field','forest','island','valley','spring'])
           [1 + width_bucket(random(), (SELECT steps FROM zipf WHERE size = 20))] AS tenant,
       (SELECT array_agg(1 + width_bucket(random(), (SELECT steps FROM zipf WHERE size = 40)))
          FROM generate_series(1 + 0 * rank, 6)) AS works_on,
       CASE WHEN rank %% 10 = 3 THEN random() * 0.5 ELSE 0 END AS comes,
       CASE WHEN rank %% 10 = 7 THEN 0.4 + random() * 0.5 ELSE 1 END AS goes
  FROM generate_series(1, %(actors)s) AS rank;

CREATE UNIQUE INDEX ON actors (rank);
CREATE UNIQUE INDEX ON models (rank);
ANALYZE actors;
ANALYZE models;
