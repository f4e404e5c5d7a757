# Python runs a module of this name before anything else. On AWS, only services of
# AWS put events whose source begins with "aws."; MiniStack keeps the same rule, and
# has no CloudTrail that would. With this, whoever puts events stands in for it.
import ministack.services.eventbridge as eventbridge

eventbridge._put_events.__defaults__ = (True,)
