"""What MiniStack 1.5.33 does otherwise than AWS, and how the template that it gets allows for that.

Each change makes MiniStack do what AWS does with the template as it stands, but for `without_metric_math`, which leaves
out what MiniStack cannot make. Nothing is changed where a template does not need it. Not allowed for, because the
journeys do not depend on it: MiniStack sets neither TimeToLiveSpecification nor PointInTimeRecoverySpecification.
"""

import string

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html has no actions for batches.
BATCHED = ["sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]


def allow_for(template, parameters, address):
    """Changes the template, deployed with these parameters on the MiniStack at an address; answers with a line for each
    kind of change."""
    declared = template["Parameters"].items()
    values = {name: parameters.get(name, parameter.get("Default")) for name, parameter in declared}
    changes = {
        "SQS's batch calls granted by name wherever the single ones are": batches_by_name(template),
        "MaximumConcurrency as a number": numbers_for_mappings(template, values),
        "ExcludePunctuation as ExcludeCharacters": without_punctuation(template),
        "!Ref of a secret as !GetAtt Id": secrets_by_arn(template),
        "!GetAtt Api.ApiEndpoint as a path": api_by_path(template, address),
        "left out, as alarms on expressions": without_metric_math(template),
    }
    return [f"{change}: {', '.join(sorted(set(where)))}" for change, where in changes.items() if where]


def of_type(template, wanted):
    """The resources of one type, by their logical ids."""
    return {name: one for name, one in template["Resources"].items() if one["Type"] == wanted}


def mappings_below(node):
    """The node, if it is a mapping, and all mappings in it."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for below in node:
            yield from mappings_below(below)


def batches_by_name(template):
    """To AWS a batch is the single action many times; MiniStack wants a grant of `sqs:SendMessageBatch`."""
    changed = []
    for name, resource in template["Resources"].items():
        for statement in mappings_below(resource.get("Properties")):
            granted = statement.get("Action", []) if "Effect" in statement else []
            granted = [granted] if isinstance(granted, str) else granted
            if batches := [f"{action}Batch" for action in BATCHED if action in granted]:
                statement["Action"] = [*granted, *batches]
                changed.append(name)
    return changed


def numbers_for_mappings(template, values):
    """A parameter stays text in MiniStack, and its poller of queues cannot compare a MaximumConcurrency that is one."""
    functions, changed = of_type(template, "AWS::Serverless::Function").items(), []
    events = [(name, event) for name, function in functions for event in function["Properties"].get("Events", {}).values()]
    for name, mapping in events + list(of_type(template, "AWS::Lambda::EventSourceMapping").items()):
        scaling = mapping["Properties"].get("ScalingConfig", {})
        if isinstance(parameter := scaling.get("MaximumConcurrency"), dict):
            scaling["MaximumConcurrency"] = int(values[parameter["Ref"]])
            changed.append(name)
    return changed


def without_punctuation(template):
    """MiniStack knows a generated secret's ExcludeCharacters, and not its ExcludePunctuation."""
    changed = []
    for name, secret in of_type(template, "AWS::SecretsManager::Secret").items():
        generated = secret["Properties"].get("GenerateSecretString", {})
        if generated.get("ExcludePunctuation"):
            generated["ExcludeCharacters"] = generated.get("ExcludeCharacters", "") + string.punctuation
            changed.append(name)
    return changed


def secrets_by_arn(template):
    """On AWS a secret's `Ref` is its ARN, as `Id` is; in MiniStack it is the name, of which no grant can speak."""
    secrets, changed = of_type(template, "AWS::SecretsManager::Secret"), []
    for mapping in mappings_below([template["Resources"], template.get("Outputs", {})]):
        for name in secrets:
            if mapping.get("Ref") == name:
                del mapping["Ref"]
                mapping["Fn::GetAtt"] = [name, "Id"]
                changed.append(name)
            if isinstance(text := mapping.get("Fn::Sub"), str) and f"${{{name}}}" in text:
                mapping["Fn::Sub"] = text.replace(f"${{{name}}}", f"${{{name}.Id}}")
                changed.append(name)
    return changed


def api_by_path(template, address):
    """An API has a name below `localhost` in MiniStack, which not every resolver knows; a function finds it by a path."""
    changed = []
    for name, function in of_type(template, "AWS::Serverless::Function").items():
        for value in mappings_below(function):
            if value.get("Fn::GetAtt") in ("Api.ApiEndpoint", ["Api", "ApiEndpoint"]):
                del value["Fn::GetAtt"]
                value["Fn::Sub"] = address + "/_aws/execute-api/${Api}/$default"
                changed.append(name)
    return changed


def without_metric_math(template):
    """MiniStack refuses an alarm on an expression."""
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    without = [name for name, alarm in alarms.items() if "Metrics" in alarm["Properties"]]
    for name in without:
        del template["Resources"][name]
    return without
