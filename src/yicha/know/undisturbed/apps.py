from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UndisturbedConfig(AppConfig):
    name = "yicha.know.undisturbed"
    label = "undisturbed"
    verbose_name = _("Undisturbed list")
