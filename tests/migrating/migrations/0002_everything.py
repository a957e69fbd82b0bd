from django.db import migrations, models


def write(sql):
    return migrations.RunSQL(sql, migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("migrating", "0001_initial")]
    operations = [
        write("UPDATE migrating_note SET title = 'before the drop'"),
        migrations.RemoveField("Note", "body"),
        write("UPDATE migrating_note SET title = 'after the drop'"),
        migrations.RenameField("Note", "title", "headline"),
        write("UPDATE migrating_note SET headline = 'after the rename'"),
        migrations.RenameField("Note", "pin", "code"),
        write("UPDATE migrating_note SET code = 'renamed-secret'"),
        migrations.AddField("Note", "rating", models.IntegerField(default=3)),
        write("UPDATE migrating_note SET rating = 4"),
        migrations.AddField("Note", "extra_pin", models.CharField(max_length=50, default="")),
        write("UPDATE migrating_note SET extra_pin = 'x', headline = 'after the addition'"),
        migrations.AlterModelTable("Note", "migrating_paper"),
        write("UPDATE migrating_paper SET headline = 'after the table was renamed'"),
        write(
            "INSERT INTO migrating_paper (headline, code, rating, extra_pin) VALUES ('new', 'inserted-secret', 1, '')"
        ),
        write("DELETE FROM migrating_paper WHERE headline = 'new'"),
    ]
