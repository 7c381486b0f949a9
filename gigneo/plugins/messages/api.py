"""What other plugins may use of messages, when their manifest requires it."""

from gigneo.plugins.messages.copying import copy_messages
from gigneo.plugins.messages.talking import TEXT_LIMIT, mark_seen, send

__all__ = ["TEXT_LIMIT", "copy_messages", "mark_seen", "send"]
