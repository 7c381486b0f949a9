"""What is wrong with one plugin, so that it is left out and the site serves without it."""


class PluginFault(Exception):
    """A plugin can't be part of the site.

    Args:
        plugin: the plugin's name.
        reason: what is wrong and what to do, for the operator.
        traceback: where it happened, when code raised.
    """

    def __init__(self, plugin: str, reason: str, traceback: str = "") -> None:
        super().__init__(f"{plugin}: {reason}")
        self.plugin, self.reason, self.traceback = plugin, reason, traceback


class StartRefused(Exception):
    """The site can't start at all, and says why: an essential module can't be built."""
