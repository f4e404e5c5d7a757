# Python runs a module of this name before anything else. It lifts what MiniStack 1.5.33
# does otherwise than AWS.
import ministack.core.iam_actions as actions
import ministack.core.iam_evaluator as iam
import ministack.services.eventbridge as eventbridge
import ministack.services.stepfunctions as stepfunctions
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

# MiniStack reads the ItemReader and the ItemSelector of a distributed map as JSONPath
# only, and looks for the object whose key is the expression.
by_path = stepfunctions._resolve_params_obj


def by_path_or_expression(template, data, ctx):
    if "{%" in repr(template):
        return stepfunctions._apply_jsonata_template(template, data, ctx)
    return by_path(template, data, ctx)


stepfunctions._resolve_params_obj = by_path_or_expression

# A test on this machine speaks in the clear, and the policies deny whoever does.
origin = iam.pin_request_origin
iam.pin_request_origin = lambda source_ip, secure_transport: origin(source_ip, True)

# Who may send one message may send a batch of them: SQS has no permission of its own for
# that, and MiniStack asks for one.
of_request = actions.extract_iam_action


def of_one(*request):
    action = of_request(*request)
    return action.removesuffix("Batch") if action and action.startswith("sqs:") else action


actions.extract_iam_action = of_one
