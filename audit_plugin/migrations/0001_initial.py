from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models

from audit_plugin import exact
from audit_plugin.capture.schema import drop_tables, install_tables


def create(apps: Any, schema_editor: Any) -> None:
    install_tables(schema_editor.connection.alias)


def drop(apps: Any, schema_editor: Any) -> None:
    drop_tables(schema_editor.connection.alias)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.RunPython(create, drop, elidable=False),
        migrations.CreateModel(
            name='Context',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False, verbose_name='ID')),
                ('actor_kind', models.TextField(choices=[('user', 'user'), ('service', 'service'), ('system', 'system'), ('role', 'database role'), ('anonymous', 'anonymous')], verbose_name='kind of actor')),
                ('actor_id', models.TextField(null=True, verbose_name='actor')),
                ('actor_label', models.TextField(null=True, verbose_name="actor's name at the time")),
                ('actor_email', models.TextField(null=True, verbose_name="actor's e-mail at the time")),
                ('impersonator_id', models.TextField(null=True, verbose_name='impersonator')),
                ('impersonator_label', models.TextField(null=True, verbose_name="impersonator's name at the time")),
                ('executor', models.TextField(null=True, verbose_name='executed by')),
                ('source', models.TextField(verbose_name='source')),
                ('name', models.TextField(null=True, verbose_name='view, task or command')),
                ('url', models.TextField(null=True, verbose_name='URL')),
                ('method', models.TextField(null=True, verbose_name='method')),
                ('ip', models.GenericIPAddressField(null=True, verbose_name='IP address')),
                ('user_agent', models.TextField(null=True, verbose_name='user agent')),
                ('request_id', models.TextField(null=True, verbose_name='request ID')),
                ('event_id', models.UUIDField(null=True, verbose_name='part of the event')),
                ('db_role', models.TextField(verbose_name='database role')),
                ('client_address', models.GenericIPAddressField(null=True, verbose_name='address of the database client')),
                ('application_name', models.TextField(null=True, verbose_name='application name of the database client')),
                ('metadata', models.JSONField(null=True, verbose_name='metadata')),
            ],
            options={
                'verbose_name': 'context',
                'verbose_name_plural': 'contexts',
                'db_table': 'audit_plugin_context',
                'managed': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False, verbose_name='ID')),
                ('restored_from', models.UUIDField(null=True, verbose_name='restored from')),
                ('occurred_at', models.DateTimeField(verbose_name='when')),
                ('seq', models.BigIntegerField(verbose_name='sequence number')),
                ('operation', models.CharField(choices=[('I', 'insert'), ('U', 'update'), ('D', 'delete'), ('M', 'many-to-many'), ('T', 'truncate'), ('B', 'baseline')], max_length=1, null=True, verbose_name='operation')),
                ('action', models.TextField(verbose_name='action')),
                ('channel', models.TextField(verbose_name='channel')),
                ('model', models.TextField(verbose_name='model')),
                ('object_id', models.TextField(verbose_name='record')),
                ('object_repr', models.TextField(verbose_name="record's name at the time")),
                ('actor_id', models.TextField(null=True, verbose_name='actor')),
                ('tenant', models.TextField(null=True, verbose_name='tenant')),
                ('changes', models.JSONField(decoder=exact.Decoder, null=True, verbose_name='changes')),
                ('masked', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None, verbose_name='masked fields')),
                ('details', models.JSONField(null=True, verbose_name='details')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit log',
                'db_table': 'audit_plugin_entry',
                'ordering': ['-id'],
                'permissions': [('export_entry', 'Can export the audit log'), ('restore_entry', 'Can restore from the audit log')],
                'managed': False,
                'default_permissions': ('view',),
            },
        ),
    ]
