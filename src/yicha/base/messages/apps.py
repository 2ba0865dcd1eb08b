from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagesConfig(AppConfig):
    name = "yicha.base.messages"
    label = "outgoing"
    verbose_name = _("Messages")
