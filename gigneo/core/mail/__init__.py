"""Mail is a task: written with what it tells about, rendered and sent afterwards, by SMTP or into a folder."""

from gigneo.core.mail.queue import HANDLER, send_mail

__all__ = ["HANDLER", "send_mail"]
