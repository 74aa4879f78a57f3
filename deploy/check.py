"""Checks what is deployed without deploying it; deploy/check.sh runs it. Takes the folder of its tools, which may lack some of them.

Each check says what is wrong, line by line, or is skipped with a reason. Nothing is asked of a network.
"""
import json
import re
import sys
from itertools import zip_longest
from pathlib import Path

tools = Path(sys.argv[1])
for name in ("fastjsonschema", "ruamel.yaml", "promql-parser"):
    sys.path.insert(0, str(tools / name))

root = Path(__file__).resolve().parent.parent
deploy = root / "deploy"
SERVICES = ["gateway", "tenants", "inbox", "catalog", "ai"]
findings = []


def wrong(where, what):
    findings.append(f"{where}: {what}")


def load(path):
    from ruamel.yaml import YAML
    return [document for document in YAML(typ="safe", pure=True).load_all(path.read_text()) if document]


def schema(definition, value, where):
    import fastjsonschema
    try:
        fastjsonschema.compile(definition)(value)
    except fastjsonschema.JsonSchemaValueException as error:
        wrong(where, error.message[:300])


def yaml_and_json():
    """Every file can be read, and says nothing twice."""
    for path in sorted([*deploy.rglob("*.yaml"), *deploy.rglob("*.json")]):
        if "secrets" not in path.parts:
            json.loads(path.read_text()) if path.suffix == ".json" else load(path)


def compose():
    """The compose file is what its specification allows, and names only what it has."""
    [file] = load(deploy / "compose.yaml")
    definition = json.loads((tools / "check-jsonschema/check_jsonschema/builtin_schemas/vendor/compose-spec.json").read_text())
    # The library knows the draft before, in which what remains of several parts must be told together.
    definition["$schema"] = "http://json-schema.org/draft-07/schema#"
    for whole in definition["$defs"].values():
        if whole.pop("unevaluatedProperties", None) is False:
            parts = [definition["$defs"][part["$ref"].rpartition("/")[2]] for part in whole["allOf"]]
            whole["properties"] = {**{name: {} for part in parts for name in part["properties"]}, **whole.get("properties", {})}
            whole.setdefault("patternProperties", {"^x-": {}})
            whole["additionalProperties"] = False
    schema(definition, file, "compose.yaml")
    for name, service in file["services"].items():
        named = {"secrets": [s if isinstance(s, str) else s["source"] for s in service.get("secrets", [])]}
        named["networks"] = service.get("networks", [])
        named["services"] = list(service.get("depends_on", {}))
        named["volumes"] = [v.split(":")[0] for v in service.get("volumes", []) if v[0] not in "./$"]
        for kind, names in named.items():
            for missing in set(names) - set(file[kind]):
                wrong(f"compose.yaml: {name}", f"no {missing} among the {kind}")
        if "healthcheck" not in service and name not in SERVICES and not service.get("profiles"):
            wrong(f"compose.yaml: {name}", "no health check")
        if not service.get("profiles") and "limits" not in service.get("deploy", {}).get("resources", {}):
            wrong(f"compose.yaml: {name}", "no limits")


def manifests():
    return [(path.name, document) for path in sorted((deploy / "kubernetes").glob("*.yaml"))
            if path.name != "kustomization.yaml" for document in load(path)]


def templates():
    """What each kind of pod is made of, by name."""
    for _, document in manifests():
        spec = document.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield document["metadata"]["name"], template


def selectors(value):
    """The labels that pods are chosen by in a manifest, each choice by itself. Pods of other namespaces are not ours."""
    if isinstance(value, list):
        for part in value:
            yield from selectors(part)
    if isinstance(value, dict):
        for key, part in value.items():
            if key in ("podSelector", "selector", "labelSelector") and isinstance(part, dict) and "namespaceSelector" not in value:
                labels = part if not {"matchLabels", "matchExpressions"} & part.keys() else part.get("matchLabels", {})
                yield labels
                for rule in part.get("matchExpressions", []):
                    yield from ({**labels, rule["key"]: name} for name in rule["values"])
            else:
                yield from selectors(part)


def kubernetes():
    """The manifests are what Kubernetes takes, all of them are applied, and what they name is there."""
    labelled = [template["metadata"].get("labels", {}) for _, template in templates()]
    folder = tools / "kubernetes-validate/kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict"
    text = (folder / "_definitions.json").read_text()
    definitions = json.loads(re.sub(r'"[^"]*#/\$defs/', '"#/definitions/', text))["$defs"]
    kinds = {(kind["group"], kind["version"], kind["kind"]): name for name, definition in definitions.items()
             for kind in definition.get("x-kubernetes-group-version-kind", [])}
    deployments, services = set(), set()
    for file, document in manifests():
        group, _, version = document["apiVersion"].rpartition("/")
        where = f"{file}: {document['kind']} {document['metadata']['name']}"
        name = kinds.get((group, version, document["kind"]))
        if name is None:
            wrong(where, "Kubernetes has no such kind")
            continue
        schema({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": f"#/definitions/{name}", "definitions": definitions}, document, where)
        for labels in selectors(document):
            if not any(labels.items() <= pod.items() for pod in labelled):
                wrong(where, f"no pod has the labels {labels}")
        if document["kind"] == "Service":
            services.add(document["metadata"]["name"])
        if document["kind"] == "Deployment":
            deployments.add(document["metadata"]["name"])
            pod = document["spec"]["template"]
            if document["spec"]["selector"]["matchLabels"].items() - pod["metadata"]["labels"].items():
                wrong(where, "its pods are not those it selects")
            for container in pod["spec"]["containers"]:
                ports = {port["name"] for port in container["ports"]}
                probed = {container.get(probe, {}).get("httpGet", {}).get("port") for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
                for missing in probed - ports - {None}:
                    wrong(where, f"probes a port {missing} that it has not")
    for missing in {*SERVICES, "nats"} - (deployments & services):
        wrong("kubernetes", f"no deployment or service {missing}")
    [kustomization] = load(deploy / "kubernetes/kustomization.yaml")
    files = {path.name for path in (deploy / "kubernetes").glob("*.yaml")} - {"kustomization.yaml"}
    for differs in files ^ set(kustomization["resources"]):
        wrong("kustomization.yaml", f"{differs} is not both there and listed")


def alike():
    """The manifests of the four services are one text but for names, ports and memory."""
    def common(name):
        text = (deploy / f"kubernetes/{name}.yaml").read_text()
        return re.sub(r"808\d|\d+(?=[MG]i)", "N", re.sub(rf"\b{name}\b", "NAME", text)).replace("Gi", "Mi").splitlines()
    first, *others = [name for name in SERVICES if name != "gateway"]
    for name in others:
        for ours, theirs in zip_longest(common(first), common(name)):
            if ours != theirs:
                wrong(f"{name}.yaml", f"differs from {first}.yaml: {theirs}")


def calls():
    """The network allows the calls that the services' tokens allow, both ways, and no others."""
    text = (root / "platform/src/caller.rs").read_text()
    listed = re.search(r"fn callers\(.*?\n    }", text, re.S).group()
    wanted = {(caller.lower(), called.lower()) for called, callers in re.findall(r"Self::(\w+) => &\[(.*?)\]", listed)
              for caller in re.findall(r"Self::(\w+)", callers) if caller != "Cli"}
    wanted |= {("gateway", "nats"), ("inbox", "nats")}
    of_app = lambda peer: peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/name")
    into, out = set(), set()
    for _, document in manifests():
        name = document["metadata"]["name"]
        if document["kind"] == "NetworkPolicy" and name in (*SERVICES, "nats"):
            into |= {(of_app(peer), name) for rule in document["spec"].get("ingress", []) for peer in rule["from"] if of_app(peer)}
            out |= {(name, of_app(peer)) for rule in document["spec"].get("egress", []) for peer in rule["to"]}
    for caller, called in sorted((into ^ wanted) | (out ^ wanted)):
        wrong("network.yaml", f"{caller} to {called} is not what platform/src/caller.rs says")


def told(path):
    """The variables that a file of the kind NAME=value sets."""
    return set(re.findall(r"^([A-Z_]+)=", path.read_text(), re.M))


def read(*sources):
    """The variables of .env.example that this code names outside its tests."""
    files = [path for source in sources for path in ([root / source] if source.endswith(".rs") else sorted((root / source).rglob("*.rs")))]
    text = "".join(path.read_text().partition("#[cfg(test)]")[0] for path in files)
    return set(re.findall(r'"([A-Z][A-Z_]+)"', text)) & told(root / ".env.example")


def handed():
    """What deploy/secrets.sh gives each process."""
    script = re.sub(r"^ *#.*", "", (deploy / "secrets.sh").read_text(), flags=re.M).replace("\\\n", " ")
    names = lambda text: set(re.findall(r"\b[A-Z][A-Z_]{2,}\b", text))
    body, _, migrate = script.partition("write ai\n")
    common = names(re.search(r"^    pass (.*)$", body, re.M).group(1)) | {"METRICS_ADDR", "SIGNING_KEY", "PEER_KEYS"}
    given = {name: common | names(rest) for name, rest in re.findall(r"^ +(\w+)\) pass (.*?);;", body, re.M | re.S)}
    for name, lines in re.findall(r'^write (\w+) "(.*?)"$', body, re.M | re.S):
        given[name] |= set(re.findall(r"\b([A-Z_]{2,})=", lines)) | ({"NATS_URL"} if "nats_url" in lines else set())
    given["migrate"] = names(re.search(r"^  pass (.*)$", migrate, re.M).group(1)) | {"DATABASE_URL", "SECRET_KEY"}
    return given


def variables():
    """What is set for a process is what .env.example explains, and what its code reads is set, and nothing else."""
    known = told(root / ".env.example")
    secret = handed()
    image = set(re.findall(r"^(?:ENV| {3}) ([A-Z_]+)=", (deploy / "Dockerfile").read_text(), re.M))
    [file] = load(deploy / "compose.yaml")
    [config] = load(deploy / "kubernetes/config.yaml")
    pods = {name: {variable["name"] for container in pod["spec"]["containers"] for variable in container.get("env", [])} for name, pod in templates()}
    unit = told(deploy / "systemd/chatdesk.env.example")
    # Compose's own.
    settings = told(deploy / "compose.env.example") - {"CHATDESK_IMAGE", "GATEWAY_PORT", "BACKUP_FOLDER"}
    everywhere = read("platform/src", "chatdesk/src/serve.rs")
    # Whoever has these has everything, so no service is given one.
    never = {"SECRET_KEY", "DATABASE_URL"}
    code = {name: read("gateway/src" if name == "gateway" else f"{name}-svc/src") - never for name in SERVICES}
    # The services' logins follow from the owner's.
    logins = {name for name in known if name.endswith("_DATABASE_URL")}
    code["migrate"] = read("chatdesk/src/doctor.rs") - logins | never | {"ENCRYPTION_KEY", "SEALING_KEY"}
    for name, wanted in code.items():
        places = {"compose.yaml": set(file["services"][name].get("environment", {})) | image,
                  "kubernetes": set(config["data"]) | pods[name] | image, "systemd": unit}
        if name == "migrate":
            del places["systemd"]
        for where, given in places.items():
            for missing in sorted(wanted - given - secret[name]):
                wrong(where, f"{name} reads {missing}, which nobody hands it")
            for unknown in sorted(given - known):
                wrong(where, f"{unknown} is not in .env.example")
        for needless in sorted(secret[name] - wanted - everywhere):
            wrong("secrets.sh", f"{name} is given {needless} and does not read it")
    for lost in sorted(everywhere - never - image - set().union(*secret.values(), config["data"], *pods.values())):
        wrong("secrets.sh", f"{lost} is handed to nobody")
    for unknown in sorted(settings - set().union(*secret.values())):
        wrong("compose.env.example", f"{unknown} is handed to nobody")


def exported():
    """The metrics in the code, by name."""
    found = {}
    for crate in ("gateway", "inbox-svc", "ai-svc", "tenants-svc", "catalog-svc", "platform", "chatdesk"):
        for path in (root / crate / "src").rglob("*.rs"):
            for kind, name in re.findall(r'metrics::(counter|gauge|histogram)!\(\s*"(\w+)"', path.read_text()):
                found[name] = kind
    return found


def expressions():
    """Each expression of an alert or a panel, and where it stands."""
    for group in load(deploy / "prometheus/alerts.yaml")[0]["groups"]:
        for rule in group["rules"]:
            yield f"alerts.yaml: {rule.get('alert') or rule['record']}", rule["expr"]
    for panel in json.loads((deploy / "grafana/chatdesk.json").read_text())["panels"]:
        for target in panel.get("targets", []):
            yield f"chatdesk.json: {panel['title']}", target["expr"].replace("$__rate_interval", "5m")


def metrics():
    """docs/metrics.md tells of each metric in the code and of no other; alerts and the dashboard use only these."""
    code = exported()
    told = dict(re.findall(r"^\| `(chatdesk_\w+)` \| (\w+) \|", (root / "docs/metrics.md").read_text(), re.M))
    for name in sorted(code.keys() | told.keys()):
        if code.get(name) != told.get(name):
            wrong("docs/metrics.md", f"{name} is {told.get(name, 'not told of')}, and {code.get(name, 'not there')} in the code")
    used = set()
    for where, expression in expressions():
        for name in re.findall(r"(?<![:\w])chatdesk_\w+", expression):
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            used.add(base)
            if base not in code or (base != name) != (code[base] == "histogram"):
                wrong(where, f"there is no {name}")
    shown = json.dumps(json.loads((deploy / "grafana/chatdesk.json").read_text()))
    for name in sorted(code.keys() - {name for name in code if name in shown}):
        wrong("chatdesk.json", f"{name} is not shown")


def alerts():
    """Every alert waits, has a severity and a summary, and says what to do in docs/operations.md."""
    headings = re.findall(r"^#+ (.*)$", (root / "docs/operations.md").read_text(), re.M)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    recorded, names = set(), set()
    for group in load(deploy / "prometheus/alerts.yaml")[0]["groups"]:
        for rule in group["rules"]:
            if "record" in rule:
                recorded.add(rule["record"])
                continue
            where = f"alerts.yaml: {rule['alert']}"
            names.add(rule["alert"].lower())
            if not rule.get("for") or rule.get("labels", {}).get("severity") not in ("page", "ticket"):
                wrong(where, "no time to wait, or no severity")
            if not rule.get("annotations", {}).get("summary"):
                wrong(where, "no summary")
            path, _, anchor = rule.get("annotations", {}).get("runbook", "").partition("#")
            if path != "docs/operations.md" or anchor not in anchors:
                wrong(where, f"docs/operations.md does not say what to do: no {anchor}")
            for name in re.findall(r"chatdesk:[\w:]+", rule["expr"]):
                if name not in recorded:
                    wrong(where, f"{name} is not recorded")
    for anchor in anchors:
        if anchor.startswith("chatdesk") and anchor not in names:
            wrong("docs/operations.md", f"{anchor} is no alert")


def promql():
    """Prometheus can read every expression."""
    import promql_parser
    for where, expression in expressions():
        try:
            promql_parser.parse(expression)
        except ValueError as error:
            wrong(where, error)


failed = False
for check in (yaml_and_json, compose, kubernetes, alike, calls, variables, metrics, alerts, promql):
    findings.clear()
    try:
        check()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        if isinstance(error, ModuleNotFoundError) or str(tools) in str(error):
            print(f"  skipped  {check.__name__}: its tool is not installed ({error})")
            continue
        raise
    except Exception as error:  # A file that cannot be read is a finding, whatever reads it.
        wrong(check.__name__, " ".join(str(error).split())[:400])
    print(f"  {'WRONG' if findings else 'ok':8} {check.__name__}: {check.__doc__.splitlines()[0]}")
    for finding in findings:
        print(f"           {finding}")
    failed |= bool(findings)
sys.exit(failed)
