# Gives the whole process the time that stands in the file $EVERQUAL_CLOCK, in
# seconds since 1970. Python runs this module before the program.
import datetime
import os
import time

_real = datetime.datetime
_gmtime, _localtime, _strftime = time.gmtime, time.localtime, time.strftime


def _now():
    with open(os.environ["EVERQUAL_CLOCK"]) as f:
        return float(f.read())


class _Meta(type):
    # The interpreter itself goes on making datetimes of the real type.
    def __instancecheck__(cls, instance):
        return isinstance(instance, _real)

    def __subclasscheck__(cls, subclass):
        return issubclass(subclass, _real)


class _Datetime(_real, metaclass=_Meta):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(_now(), tz)

    @classmethod
    def utcnow(cls):
        return cls.fromtimestamp(_now(), datetime.timezone.utc).replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()


_Datetime.__name__ = _Datetime.__qualname__ = "datetime"
datetime.datetime = _Datetime
time.time = _now
time.gmtime = lambda s=None: _gmtime(_now() if s is None else s)
time.localtime = lambda s=None: _localtime(_now() if s is None else s)
time.strftime = lambda f, t=None: _strftime(f, time.localtime() if t is None else t)

# When moto checks permissions, it checks signatures first, and takes that of a
# GET with a query, or with an ARN in its path, for wrong.
from moto.iam.access_control import IAMRequestBase  # noqa: E402

IAMRequestBase.check_signature = lambda self: None
