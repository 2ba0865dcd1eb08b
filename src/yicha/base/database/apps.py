"""The app's registration."""

from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    """Has no models; it is an app so that its messages and tests are found."""

    name = "yicha.base.database"
    label = "database"
