from django.db import migrations


class Migration(migrations.Migration):
    """Breaks off in the middle of a `migrate`, after it has begun."""

    atomic = False
    dependencies = [("migrating", "0002_everything")]
    operations = [migrations.RunSQL("SELECT 1 / 0", migrations.RunSQL.noop)]
