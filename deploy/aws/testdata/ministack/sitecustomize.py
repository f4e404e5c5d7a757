# Python runs a module of this name before anything else. It lifts what MiniStack 1.5.33
# does otherwise than AWS.
import ministack.services.eventbridge as eventbridge
from ministack.core.responses import get_region, request_scope
from ministack.services.cloudformation import engine, handlers, stacks

# On AWS, only services of AWS put events whose source begins with "aws."; MiniStack
# keeps the same rule, and has no CloudTrail that would. With this, whoever puts events
# stands in for it.
eventbridge._put_events.__defaults__ = (True,)

# MiniStack looks for a target bus among those of the rule's own account only. This has
# it look where the target's ARN says; the event keeps the account that it is from.
to_bus = eventbridge._dispatch_to_event_bus


def to_any_bus(spec, *rest, **more):
    with request_scope(spec.account_id, spec.region):
        to_bus(spec, *rest, **more)


eventbridge._dispatch_to_event_bus = to_any_bus

# MiniStack knows no pseudo parameter in a condition of CloudFormation.
conditions = engine._evaluate_conditions


def with_region(template, params):
    return conditions(template, {**params, "AWS::Region": {"Value": get_region()}})


for module in (engine, handlers, stacks):
    module._evaluate_conditions = with_region
