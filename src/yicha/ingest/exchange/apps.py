from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "yicha.ingest.exchange"
    label = "exchange"
    verbose_name = _("Imports")

    def ready(self) -> None:
        """Every app that owns rows says in its `intake.py` how a table becomes them."""
        autodiscover_modules("intake")
