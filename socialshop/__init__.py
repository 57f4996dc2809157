"""socialshop: shoppable link pages, tracked links and commissions that explain themselves."""

__version__ = "0.1.0"
