"""How entries spread over time, at a bounded cost whatever the filter."""

from audit_plugin.activity.bars import Bar, Histogram
from audit_plugin.activity.histogram import histogram, histogram_of

__all__ = ["Bar", "Histogram", "histogram", "histogram_of"]
