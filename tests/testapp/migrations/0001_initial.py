import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models


SCHEMA = """
CREATE SCHEMA "Odd Schema";
CREATE TABLE "Odd Schema"."It's a Table" ("No." serial PRIMARY KEY, "Full Name" varchar(50) NOT NULL);
CREATE SEQUENCE testapp_measurement_id_seq;  -- partitions share an identity column since PostgreSQL 17 only
CREATE TABLE testapp_measurement (
    id bigint NOT NULL DEFAULT nextval('testapp_measurement_id_seq'), sensor varchar(10) NOT NULL, year integer NOT NULL, value integer NOT NULL,
    PRIMARY KEY (id, year)) PARTITION BY RANGE (year);
CREATE TABLE testapp_measurement_2025 PARTITION OF testapp_measurement FOR VALUES FROM (2025) TO (2026);
CREATE TABLE testapp_measurement_2026 PARTITION OF testapp_measurement FOR VALUES FROM (2026) TO (2027);
"""

DROP = """
DROP TABLE testapp_measurement;
DROP SEQUENCE testapp_measurement_id_seq;
DROP SCHEMA "Odd Schema" CASCADE;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunSQL(SCHEMA, DROP),
        migrations.CreateModel(
            name='Legacy',
            fields=[
                ('number', models.AutoField(db_column='No.', primary_key=True, serialize=False)),
                ('full_name', models.CharField(db_column='Full Name', max_length=50)),
            ],
            options={
                'db_table': '"Odd Schema"."It\'s a Table"',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Measurement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sensor', models.CharField(max_length=10)),
                ('year', models.IntegerField()),
                ('value', models.IntegerField()),
            ],
            options={
                'db_table': 'testapp_measurement',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('api_token', models.CharField(blank=True, max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='Country',
            fields=[
                ('code', models.CharField(max_length=2, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=50)),
            ],
        ),
        migrations.CreateModel(
            name='Exotic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duration', models.DurationField(null=True)),
                ('blob', models.BinaryField(null=True)),
                ('ratio', models.FloatField(null=True)),
                ('address', models.GenericIPAddressField(null=True)),
                ('at', models.TimeField(null=True)),
                ('moment', models.DateTimeField(null=True)),
                ('numbers', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
                ('period', django.contrib.postgres.fields.ranges.DateRangeField(null=True)),
                ('flag', models.BooleanField(null=True)),
                ('big', models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('pk', models.CompositePrimaryKey('order', 'position', blank=True, editable=False, primary_key=True, serialize=False)),
                ('order', models.CharField(max_length=10)),
                ('position', models.IntegerField()),
                ('quantity', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('width', models.IntegerField()),
                ('height', models.IntegerField()),
                ('area', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('width'), '*', models.F('height')), output_field=models.IntegerField())),
                ('registered', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('state', models.CharField(db_default='new', max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=50)),
            ],
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=50, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=50)),
            ],
        ),
        migrations.CreateModel(
            name='Untracked',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=50)),
            ],
        ),
        migrations.CreateModel(
            name='Book',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('isbn', models.CharField(blank=True, max_length=20)),
                ('price', models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ('published', models.DateField(null=True)),
                ('data', models.JSONField(default=dict)),
                ('cover', models.FileField(blank=True, upload_to='covers')),
                ('pin', models.CharField(blank=True, max_length=10)),
                ('views', models.IntegerField(default=0)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='books', to='testapp.author')),
            ],
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=50)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='testapp.category')),
                ('related', models.ManyToManyField(to='testapp.category')),
            ],
        ),
        migrations.CreateModel(
            name='Restaurant',
            fields=[
                ('place_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='testapp.place')),
                ('stars', models.IntegerField(default=0)),
            ],
            bases=('testapp.place',),
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stars', models.IntegerField(default=0)),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='testapp.book')),
                ('reader', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='testapp.author')),
            ],
        ),
        migrations.AddField(
            model_name='book',
            name='readers',
            field=models.ManyToManyField(related_name='read', through='testapp.Reading', to='testapp.author'),
        ),
        migrations.AddField(
            model_name='book',
            name='tags',
            field=models.ManyToManyField(related_name='books', to='testapp.tag'),
        ),
    ]
