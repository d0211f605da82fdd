"""Rules of the template that no linter knows. What concerns the functions' work is checked beside the local stack's reader."""

import json
import os
import re
import unittest

from samtranslator.yaml_helper import yaml_parse

ROOT = os.path.join(os.path.dirname(__file__), "..", "..", "..")


def text(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


TEMPLATE = yaml_parse(text("infra", "template.yaml"))
PARAMETERS = TEMPLATE["Parameters"]
RESOURCES = TEMPLATE["Resources"]
RUNBOOK = text("docs", "OPERATIONS.md")


def of_type(kind):
    return {name: resource for name, resource in RESOURCES.items() if resource["Type"] == kind}


def number(value):
    """A number as it stands, or a parameter's default."""
    if isinstance(value, dict):
        value = PARAMETERS[value["Ref"]]["Default"]
    return int(value)


def statements(value):
    """Every statement of a policy in a value, however deep."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for member in value.values():
            yield from statements(member)
    elif isinstance(value, list):
        for member in value:
            yield from statements(member)


def mappings():
    """Each mapping of a queue to a function."""
    for function in of_type("AWS::Serverless::Function").values():
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] == "SQS":
                yield event["Properties"]


class Parameters(unittest.TestCase):
    def test_each_says_what_it_is_and_bounds_its_values(self):
        bounds = {"AllowedValues", "AllowedPattern", "MinValue", "MinLength"}
        for name, parameter in PARAMETERS.items():
            self.assertGreater(len(parameter.get("Description", "")), 20, name)
            self.assertTrue(bounds & set(parameter), f"{name} takes anything")

    def test_each_default_is_among_the_values_that_are_allowed(self):
        for name, parameter in PARAMETERS.items():
            if "Default" not in parameter:
                continue
            default = str(parameter["Default"])
            if "AllowedValues" in parameter:
                self.assertIn(default, [str(value) for value in parameter["AllowedValues"]], name)
            if "AllowedPattern" in parameter:
                self.assertIsNotNone(re.fullmatch(parameter["AllowedPattern"], default), name)
            if "MinValue" in parameter:
                self.assertTrue(parameter["MinValue"] <= int(default) <= parameter["MaxValue"], name)

    def test_patterns_take_what_aws_writes_and_refuse_what_it_does_not(self):
        takes = {
            "AlarmEmail": (["ops@example.com"], ["ops", "a b@example.com", "ops@"]),
            "AlarmTopicArn": (["arn:aws:sns:eu-west-1:123456789012:pager"], ["pager", "arn:aws:sqs:eu-west-1:123456789012:a"]),
            "DomainName": (["webhooks.example.com"], ["https://example.com", "example", "-a.example.com", "*.example.com"]),
            "CertificateArn": (
                ["arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"],
                ["arn:aws:iam::123456789012:server-certificate/a"],
            ),
            "EgressPorts": (
                ["443", "443,8443", "1, 80 ,65535", "9999,10000,59999,60000,65499,65529"],
                ["", "0", "65536", "99999", "443,", "443-8443", "0443", "443,65536", "443;80", "https"],
            ),
            "PortalColour": (["#1f5fbf", "#FFF000"], ["", "blue", "#fff", "#1f5fbg", "#1f5fbf;"]),
            "PortalLogo": (
                ["", "data:image/svg+xml;base64,PHN2Zy8+", "data:image/png;base64,iVBORw=="],
                ["https://example.com/logo.png", "data:image/svg+xml,<svg/>", "data:text/html;base64,PGI+", 'data:image/png;base64,"'],
            ),
            "PortalFrameOrigins": (
                ["", "https://shop.example.com", "https://a.example.com,https://b.example.com:8443", "http://localhost:8080"],
                ["*", "shop.example.com", "http://shop.example.com", "http://localhost:80.evil.example", "https://a.example.com/", "https://a.example.com; script-src *"],
            ),
        }
        for name, (good, bad) in takes.items():
            for value in good:
                self.assertIsNotNone(re.fullmatch(PARAMETERS[name]["AllowedPattern"], value), f"{name}: {value}")
            for value in bad:
                self.assertIsNone(re.fullmatch(PARAMETERS[name]["AllowedPattern"], value), f"{name}: {value}")

    def test_each_is_in_one_group_of_the_console(self):
        groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        grouped = [name for group in groups for name in group["Parameters"]]
        self.assertEqual(sorted(grouped), sorted(PARAMETERS))


class Environments(unittest.TestCase):
    # What the template does not bound: a stack's name has 128 characters, what AWS calls an API fewer than 80.
    LONGEST = {"AWS::StackName": 128, "LogLevel": 5, "Api.ApiEndpoint": 80, "PortalColour": 7}

    def longest(self, value):
        """Bytes that a value may have; a character has up to four."""
        name = value.get("Ref") or ".".join(value["Fn::GetAtt"])
        if name in self.LONGEST:
            return self.LONGEST[name]
        ascii_alone = "AllowedPattern" in PARAMETERS[name]
        return PARAMETERS[name]["MaxLength"] * (1 if ascii_alone else 4)

    def test_the_longest_logo_name_and_origins_fit_together(self):
        variables = {
            **TEMPLATE["Globals"]["Function"]["Environment"]["Variables"],
            **RESOURCES["PortalFunction"]["Properties"]["Environment"]["Variables"],
        }
        # Lambda's quota for all variables of a function, which it measures as JSON.
        self.assertLessEqual(len(json.dumps({name: "x" * self.longest(value) for name, value in variables.items()})), 4096)


class Grants(unittest.TestCase):
    # What AWS itself gives no resource for.
    ANYWHERE = {"NetworkInterfaces": "HasStaticEgress", "WriteTraces": "HasTracing"}

    def test_nothing_that_is_allowed_has_a_wildcard_but_what_has_no_resource(self):
        for name, resource in RESOURCES.items():
            for statement in statements(resource):
                self.assertNotIn("*", json.dumps(statement["Action"]), name)
                # A role says who may take it, and names no resource.
                if "Resource" in statement and name not in self.ANYWHERE:
                    self.assertNotIn("*", json.dumps(statement["Resource"]), name)

    def test_what_has_no_resource_is_granted_only_where_a_parameter_asks_for_it(self):
        services = set()
        for name, condition in self.ANYWHERE.items():
            self.assertEqual(RESOURCES[name]["Condition"], condition)
            for statement in statements(RESOURCES[name]):
                services |= {action.split(":")[0] for action in statement["Action"]}
        self.assertEqual(services, {"ec2", "xray"})

    def test_sam_makes_no_role(self):
        for name, function in of_type("AWS::Serverless::Function").items():
            self.assertEqual(function["Properties"]["Role"], {"Fn::GetAtt": [name.removesuffix("Function") + "Role", "Arn"]})

    def test_the_portal_may_do_nothing_but_write_its_log(self):
        [granted] = [one for one in statements(RESOURCES["PortalRole"]) if "Resource" in one]
        self.assertEqual(granted["Resource"], {"Fn::GetAtt": ["PortalLogs", "Arn"]})

    def test_only_the_function_url_lets_anybody_in(self):
        open_to_all = {
            name
            for name, permission in of_type("AWS::Lambda::Permission").items()
            if permission["Properties"]["Principal"] == "*"
        }
        self.assertEqual(open_to_all, {"IntakeUrlPermission", "IntakeUrlInvokePermission"})
        for name in open_to_all:
            self.assertEqual(RESOURCES[name]["Condition"], "HasIntakeUrl")

    def test_functions_in_a_vpc_have_its_rights_before_they_are_put_there(self):
        policy = RESOURCES["NetworkInterfaces"]["Properties"]
        functions = of_type("AWS::Serverless::Function").items()
        inside = {name for name, function in functions if "VpcConfig" in function["Properties"]}
        self.assertEqual({role["Ref"] for role in policy["Roles"]}, {name.replace("Function", "Role") for name in inside})
        self.assertIn("NetworkInterfaces", RESOURCES["EgressSecurityGroup"]["DependsOn"])
        self.assertIn("PrivateRoute", RESOURCES["EgressSecurityGroup"]["DependsOn"])
        allowed, denied = statements(policy)
        self.assertEqual((allowed["Effect"], denied["Effect"]), ("Allow", "Deny"))
        self.assertEqual(allowed["Action"], denied["Action"], "the functions' code may do it too")
        self.assertEqual(denied["Condition"], {"Null": {"lambda:SourceFunctionArn": "false"}})

class Queues(unittest.TestCase):
    def test_a_new_account_has_room_for_both_mappings_and_the_rest(self):
        both = sum(number(mapping["ScalingConfig"]["MaximumConcurrency"]) for mapping in mappings())
        self.assertLess(both, 10)
        for name, function in of_type("AWS::Serverless::Function").items():
            self.assertNotIn("ReservedConcurrentExecutions", function["Properties"], name)

    def test_what_is_ordered_is_made_only_where_a_parameter_asks_for_it_and_one_message_is_worked_on_at_a_time(self):
        queues = {name: queue for name, queue in of_type("AWS::SQS::Queue").items() if "FifoQueue" in queue["Properties"]}
        mappings = of_type("AWS::Lambda::EventSourceMapping")
        self.assertEqual((len(queues), len(mappings)), (4, 2))
        for name, resource in {**queues, **mappings}.items():
            self.assertEqual(resource["Condition"], "HasOrderedDelivery", name)
        for name, queue in queues.items():
            self.assertEqual(queue["Properties"]["QueueName"], {"Fn::Sub": f"${{AWS::StackName}}-{name}.fifo"})
        for name, mapping in mappings.items():
            self.assertEqual(mapping["Properties"]["BatchSize"], 1, name)

    def test_every_queue_keeps_messages_for_fourteen_days(self):
        for name, queue in of_type("AWS::SQS::Queue").items():
            self.assertEqual(queue["Properties"]["MessageRetentionPeriod"], 1_209_600, name)


class Logs(unittest.TestCase):
    def test_every_log_group_forgets_after_the_parameters_days(self):
        for name, group in of_type("AWS::Logs::LogGroup").items():
            self.assertEqual(group["Properties"].get("RetentionInDays"), {"Ref": "LogRetentionDays"}, name)

    def test_every_function_writes_to_a_group_of_its_own(self):
        groups = {}
        for name, function in of_type("AWS::Serverless::Function").items():
            groups[name] = function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
            self.assertEqual(groups[name], name.removesuffix("Function") + "Logs")
        self.assertEqual(len(set(groups.values())), len(groups))

    def test_lambda_does_not_drop_lines_of_metrics(self):
        # They have no level, and Lambda then takes them for INFO.
        for level in [TEMPLATE["Globals"]["Function"]["LoggingConfig"]["ApplicationLogLevel"]]:
            self.assertIn(level, ["TRACE", "DEBUG", "INFO"])


    def test_the_access_log_is_json_without_what_a_request_carries(self):
        stage = RESOURCES["ApiStage"]["Properties"]["AccessLogSettings"]["Fn::If"]
        self.assertEqual(stage[0], "HasApiAccessLog")
        line = stage[1]["Format"]
        self.assertNotIn("\n", line)
        self.assertIn("$context.requestId", json.loads(line).values())
        for secret in ["authorization", "querystring", "$context.authorizer", "$input"]:
            self.assertNotIn(secret, line.lower())


class Alarms(unittest.TestCase):
    ALARMS = of_type("AWS::CloudWatch::Alarm")

    def test_each_has_a_section_in_the_runbook_and_names_it(self):
        self.assertTrue(self.ALARMS)
        sections = re.findall(r"^### (.+)$", RUNBOOK, re.MULTILINE)
        for name, alarm in self.ALARMS.items():
            self.assertIn(name, sections)
            self.assertIn(f"docs/OPERATIONS.md, {name}.", alarm["Properties"]["AlarmDescription"])

    def test_the_runbook_has_no_alarm_that_is_not_made(self):
        for section in re.findall(r"^### (\w+Alarm)$", RUNBOOK, re.MULTILINE):
            self.assertIn(section, self.ALARMS)

    def test_each_tells_the_topic_when_it_goes_off_and_when_it_ends(self):
        topic = [{"Fn::If": ["HasAlarmTopic", {"Ref": "AlarmTopicArn"}, {"Ref": "AlarmTopic"}]}]
        for name, alarm in self.ALARMS.items():
            self.assertEqual(alarm["Properties"]["AlarmActions"], topic, name)
            self.assertEqual(alarm["Properties"]["OKActions"], topic, name)
            self.assertEqual(alarm["Condition"], "HasOrderedAlarms" if name.startswith("Ordered") else "HasAlarms", name)

    def test_no_wait_on_purpose_makes_deliveries_old(self):
        # A message's age counts until it was received three times.
        hidden = 3 * PARAMETERS["HideLimitSeconds"]["MaxValue"]
        self.assertGreater(self.ALARMS["DeliveriesOldestAlarm"]["Properties"]["Threshold"], hidden)

    def test_their_price_is_as_their_parameter_says(self):
        # 0.10 dollars a month for each metric that an alarm looks at.
        looked_at = {"HasAlarms": 0, "HasOrderedAlarms": 0}
        for alarm in self.ALARMS.values():
            metrics = alarm["Properties"].get("Metrics", [{"MetricStat": {}}])
            looked_at[alarm["Condition"]] += sum(1 for metric in metrics if "MetricStat" in metric)
        price = PARAMETERS["Alarms"]["Description"]
        self.assertIn(f"{looked_at['HasAlarms'] * 0.10:.2f} dollars a month", price)
        self.assertIn(f"{looked_at['HasOrderedAlarms'] * 0.10:.2f} more with OrderedDelivery", price)


class Dashboard(unittest.TestCase):
    BODY = RESOURCES["OverviewDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    WIDGETS = json.loads(BODY)["widgets"]

    def metrics(self):
        for widget in self.WIDGETS:
            for metric in widget["properties"]["metrics"]:
                yield tuple(part for part in metric if isinstance(part, str))

    def test_it_refers_to_what_is_there(self):
        for name in re.findall(r"\$\{([^}]+)\}", self.BODY):
            if not name.startswith("AWS::"):
                self.assertIn(name.split(".")[0], RESOURCES)

    def test_it_has_no_more_metrics_than_a_free_dashboard(self):
        self.assertLessEqual(len(set(self.metrics())), 50)

    def test_every_function_and_queue_that_is_always_made_is_on_it(self):
        shown = {part for metric in self.metrics() for part in metric}
        for name in of_type("AWS::Serverless::Function"):
            self.assertIn(f"${{{name}}}", shown)
        for name, queue in of_type("AWS::SQS::Queue").items():
            if "Condition" not in queue:
                self.assertIn(f"${{{name}.QueueName}}", shown)

    def test_widgets_do_not_cover_each_other(self):
        taken = set()
        for widget in self.WIDGETS:
            cells = {
                (x, y)
                for x in range(widget["x"], widget["x"] + widget["width"])
                for y in range(widget["y"], widget["y"] + widget["height"])
            }
            self.assertFalse(taken & cells, widget["properties"]["title"])
            self.assertLessEqual(widget["x"] + widget["width"], 24)
            taken |= cells


class Secrets(unittest.TestCase):
    def test_nothing_but_secrets_manager_is_told_what_they_hold(self):
        self.assertNotIn("resolve:", json.dumps(TEMPLATE))

    def test_what_is_sealed_or_locked_outlives_the_stack(self):
        for name in of_type("AWS::SecretsManager::Secret"):
            self.assertEqual(RESOURCES[name]["DeletionPolicy"], "RetainExceptOnCreate", name)


if __name__ == "__main__":
    unittest.main()
