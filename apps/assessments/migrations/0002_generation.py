from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("assessments", "0001_initial"),)

    operations = (
        migrations.AddField(
            model_name="assessment",
            name="generation",
            field=models.PositiveIntegerField(default=1),
        ),
    )
