"""Python's collector leaves alone what a process imports. Loaded by gantry_collector.pth whenever Python starts.

All that is imported stays. Yet the collector looks through it a dozen times while it grows, and again and again later:
a tenth of the time that a start takes. Who asks the collector for objects, as Eventlet does for locks when it patches,
does not see these: OpenStack's programs patch within their first import.
"""

import gc
import sys
from importlib.machinery import SourceFileLoader

# Modules. What fewer bring is looked through as before: it may be loaded while other work leaves garbage behind.
MANY = 100
load = SourceFileLoader.exec_module


def load_outermost(loader, module):
    """Loads a module; those that it imports in turn are loaded as ever."""
    if sys.modules.get(module.__name__) is not module:
        # No import: Alembic runs its migrations so, which may take long.
        return load(loader, module)
    enabled, before = gc.isenabled(), len(sys.modules)
    gc.disable()
    SourceFileLoader.exec_module = load
    try:
        return load(loader, module)
    finally:
        SourceFileLoader.exec_module = load_outermost
        if len(sys.modules) - before >= MANY:
            gc.freeze()
        if enabled:
            gc.enable()


SourceFileLoader.exec_module = load_outermost
