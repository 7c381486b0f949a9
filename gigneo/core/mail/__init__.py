"""Mail is a task: written with what it tells about, rendered and sent afterwards, by SMTP or into a folder."""

from gigneo.core.mail.queue import send_mail

__all__ = ["send_mail"]
