"""Which statements may write, told from their text. In doubt they may: that costs a comment, no author."""

from __future__ import annotations

import re
from functools import lru_cache

#: Statements that change no row. `SET CONSTRAINTS` is not among them: it runs deferred triggers.
_HARMLESS = re.compile(
    r"(?:SAVEPOINT|RELEASE|ROLLBACK|ABORT|BEGIN|START|RESET|SHOW|LISTEN|UNLISTEN|NOTIFY|DISCARD|DEALLOCATE|LOCK"
    r"|VACUUM|ANALYZE|CHECKPOINT|SET(?!\s+CONSTRAINTS)|EXPLAIN(?!.*ANALY[SZ]E))\b",
    re.IGNORECASE | re.DOTALL,
)
_READ = re.compile(r"[\s(]*(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)

#: What makes a statement that begins like a read more than one.
_WORDS = ("INTO", "INSERT", "UPDATE", "DELETE", "MERGE")
_MORE = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
_ROW_LOCK = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b")
#: The columns of a common table expression, which look like a call.
_COLUMNS = re.compile(r'\bWITH\s+(?:RECURSIVE\s+)?[\w"]+\s*\(')
_NAME_BACKWARDS = re.compile(r'[\w$."]+')

#: Words that may stand before a parenthesis without calling anything.
_SYNTAX = """
    ALL AND ANY ARRAY AS BETWEEN BIT BPCHAR BY CASE CAST CHAR CHARACTER COLLATE CROSS CUBE DECIMAL
    DISTINCT ELSE EXCEPT EXISTS FILTER FLOAT FROM FULL GROUP GROUPING HAVING ILIKE IN INNER INTERSECT
    INTERVAL IS JOIN LATERAL LEFT LIKE LIMIT MATERIALIZED NOT NUMERIC OFFSET ON OR ORDER OVER PARTITION
    RECURSIVE RIGHT ROLLUP ROW SELECT SETS SIMILAR SOME THEN TIME TIMESTAMP TIMESTAMPTZ UNION USING
    VALUES VARBIT VARCHAR VARYING WHEN WHERE WITH WITHIN
"""
#: Functions of PostgreSQL that read or compute. Any other may be the host's own, and that may write.
_FUNCTIONS = """
    ABS ACOS AGE ARRAY_AGG ARRAY_APPEND ARRAY_CAT ARRAY_LENGTH ARRAY_LOWER ARRAY_NDIMS ARRAY_POSITION
    ARRAY_POSITIONS ARRAY_PREPEND ARRAY_REMOVE ARRAY_REPLACE ARRAY_TO_JSON ARRAY_TO_STRING ARRAY_UPPER
    ASCII ASIN ATAN ATAN2 AVG BIT_AND BIT_OR BIT_XOR BOOL_AND BOOL_OR BTRIM CARDINALITY CBRT CEIL
    CEILING CHR CLOCK_TIMESTAMP COALESCE CONCAT CONCAT_WS CONVERT_FROM CONVERT_TO CORR COS COT COUNT
    COVAR_POP COVAR_SAMP CUME_DIST CURRENT_DATABASE CURRENT_SCHEMA CURRENT_SCHEMAS CURRENT_SETTING
    CURRVAL DATE DATERANGE DATE_PART DATE_TRUNC DECODE DEGREES DENSE_RANK DIV ENCODE EVERY EXP EXTRACT
    FIRST_VALUE FLOOR FORMAT FORMAT_TYPE GENERATE_SERIES GENERATE_SUBSCRIPTS GEN_RANDOM_UUID GREATEST
    HSTORE INITCAP INT4RANGE INT8RANGE ISEMPTY ISFINITE LAG LASTVAL LAST_VALUE LEAD LEAST LENGTH LN LOG
    LOWER LOWER_INC LOWER_INF LPAD LTRIM MAKE_DATE MAKE_INTERVAL MAKE_TIME MAKE_TIMESTAMP
    MAKE_TIMESTAMPTZ MAX MD5 MIN MOD MODE NEXTVAL NOW NTH_VALUE NTILE NULLIF NUMNODE NUMRANGE
    OCTET_LENGTH OVERLAY PERCENTILE_CONT PERCENTILE_DISC PERCENT_RANK PHRASETO_TSQUERY PI
    PLAINTO_TSQUERY POSITION POWER QUERYTREE RADIANS RANDOM RANGE_MERGE RANK REPEAT REPLACE REVERSE
    ROUND ROW_NUMBER RPAD RTRIM SETVAL SETWEIGHT SET_CONFIG SHA224 SHA256 SHA384 SHA512 SIGN SIMILARITY
    SIN SPLIT_PART SQRT STATEMENT_TIMESTAMP STDDEV_POP STDDEV_SAMP STRICT_WORD_SIMILARITY STRING_AGG
    STRING_TO_ARRAY STRIP STRPOS ST_ASEWKB ST_ASGEOJSON ST_ASTEXT ST_CONTAINS ST_COVEREDBY ST_COVERS
    ST_DISTANCE ST_DISTANCESPHERE ST_DWITHIN ST_GEOMFROMEWKB ST_INTERSECTS ST_TRANSFORM ST_WITHIN SUBSTR
    SUBSTRING SUM TAN TO_CHAR TO_DATE TO_JSON TO_JSONB TO_NUMBER TO_TIMESTAMP TO_TSQUERY TO_TSVECTOR
    TRANSACTION_TIMESTAMP TRANSLATE TRIGRAM TRIM TRUNC TSRANGE TSTZRANGE TS_HEADLINE TS_RANK TS_RANK_CD
    UNACCENT UNNEST UPPER UPPER_INC UPPER_INF UUIDV4 UUIDV7 VARIANCE VAR_POP VAR_SAMP VERSION
    WEBSEARCH_TO_TSQUERY WIDTH_BUCKET WORD_SIMILARITY XMLAGG
"""
_KNOWN = frozenset((_SYNTAX + _FUNCTIONS).split())
#: Families whose names PostgreSQL has to itself: JSON, regular expressions, regression, catalogues and locks.
_FAMILIES = ("JSON_", "JSONB_", "REGEXP_", "REGR_", "PG_")

# A schema and a name, both as long as they may be.
NAME_LENGTH = 140

# Longer texts are looked at each time, so that what is remembered stays small.
_CACHED_LENGTH = 8000


def may_write(sql: str) -> bool:
    """Return whether a statement may change rows: everything may that isn't known to only read.

    What is taken for a read is a SELECT (or WITH, VALUES, TABLE) that calls only functions known not to write
    and is not followed by another statement. A view or an operator of the host's own that writes isn't seen.

    Args:
        sql: The text of one statement or several.
    """
    start = sql[:6].upper()
    if start in {"INSERT", "UPDATE", "DELETE"}:
        return True
    return _cached(sql) if len(sql) < _CACHED_LENGTH else _may_write(sql)


def _may_write(sql: str) -> bool:
    body = sql.strip().rstrip(";")
    if not body:
        return False
    # A second statement; or a comment, which could stand between a function and its parenthesis.
    if ";" in body or "/*" in body or "--" in body:
        return True
    if _HARMLESS.match(body):
        return False
    if not _READ.match(body):
        return True
    upper = body.upper()
    # The plain test first: most reads hold none of these words, and a regular expression takes much longer.
    if any(word in upper for word in _WORDS) and _MORE.search(_ROW_LOCK.sub("", upper)):
        return True
    if "WITH" in upper:
        upper = _COLUMNS.sub("", upper)
    return not all(_is_known(name) for name in _called(upper))


_cached = lru_cache(maxsize=2048)(_may_write)


def _called(sql: str) -> set[str]:
    """Return the words that stand before parentheses, read backwards from each: forwards takes ten times as long."""
    names = (_NAME_BACKWARDS.match(before.rstrip()[:-NAME_LENGTH:-1]) for before in sql.split("(")[:-1])
    return {name[0][::-1] for name in names if name}


def _is_known(name: str) -> bool:
    # A name in any other schema is the host's own, whatever it looks like.
    name = name.removeprefix("PG_CATALOG.")
    return name in _KNOWN or ("." not in name and name.startswith(_FAMILIES))
