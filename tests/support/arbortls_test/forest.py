"""Domain trees for the table of foretold certificates: how each is laid out, what ends where."""

from .ca import Authority, days, make_key

# One row a domain: name, labels of its leaves (or none), further keys. The first is the master.
PHONES = [
    ("softphone.example", ["master"], {}),
    ("acme.softphone.example", ["acme"], {}),
    ("sales.acme.softphone.example", [], {}),
    ("eu.sales.acme.softphone.example", [], {}),
    ("bare.softphone.example", [], {}),
    ("shop.example.net", [], {"parent": "acme.softphone.example"}),
    ("own.example.net", ["own"], {"parent": "acme.softphone.example"}),
    ("deep.own.example.net", [], {}),
    ("moved.acme.softphone.example", [], {"parent": "bare.softphone.example"}),
    ("plain.example.org", [], {}),
    ("expired.softphone.example", ["expired"], {}),
    ("xn--bcher-kva.example", ["book"], {}),
    ("both.softphone.example", ["both-ec", "both-rsa"], {}),
    ("rsa.softphone.example", ["rsa"], {}),
]
HEADLESS = [
    ("pbx.example", [], {}),
    ("one.pbx.example", ["one"], {}),
    ("two.example", [], {}),
    ("child.two.example", [], {"parent": "one.pbx.example"}),
]
VALID = [
    ("v.example", ["valid-master"], {"certificate_choice": "valid"}),
    ("old.v.example", ["old"], {}),
    ("wrong.v.example", ["wrong"], {}),
    ("deep.old.v.example", [], {}),
    ("near.v.example", ["near"], {"certificate_choice": "nearest"}),
    ("good.v.example", ["good"], {}),
    ("lonely.example", ["lonely"], {}),
]
TREES = {"phones": PHONES, "headless": HEADLESS, "valid": VALID}

_MADE = {  # label: names, and how the leaf differs from a plain P-256 one
    "master": (["softphone.example", "*.softphone.example"], {}),
    "acme": (["acme.softphone.example", "*.acme.softphone.example"], {}),
    "own": (["own.example.net"], {}),
    "expired": (["expired.softphone.example"], {"start": days(-60), "end": days(-1)}),
    "book": (["xn--bcher-kva.example"], {}),
    "both-ec": (["both.softphone.example"], {}),
    "both-rsa": (["both.softphone.example"], {"key": "rsa2048"}),
    "rsa": (["rsa.softphone.example"], {"key": "rsa2048"}),
    "one": (["one.pbx.example"], {}),
    "valid-master": (["v.example", "*.v.example"], {}),
    "old": (["old.v.example"], {"start": days(-60), "end": days(-1)}),
    "wrong": (["something.else.example"], {}),
    "near": (["near.v.example"], {"start": days(-60), "end": days(-1)}),
    "good": (["good.v.example"], {}),
    "lonely": (["lonely.example"], {"start": days(-60), "end": days(-1)}),
    "certdir": (["deep.old.v.example", "sip.example"], {}),
    "pair-ec": (["pair.example"], {}),
    "pair-rsa": (["pair.example"], {"key": "rsa2048"}),
}


def make_leaves():
    """Every leaf by its label, from an authority with an intermediate."""
    authority = Authority(intermediate=True)
    leaves = {}
    for label, (names, more) in _MADE.items():
        if more.get("key") == "rsa2048":
            more = {**more, "key": make_key("rsa2048")}
        leaves[label] = authority.issue(*names, **more)
    return leaves


def lay_out(tree, directory, leaves):
    """Writes the tree's files under `directory`; returns the configuration's part.

    By turns a certificate stands in place, in a file of its own, and in domains_dir.
    """
    rows = TREES[tree]
    domains_dir = directory / "domains"
    domains_dir.mkdir()
    domains = []
    for index, (name, labels, more) in enumerate(rows):
        pem = "".join(leaves[label].pem for label in labels)
        entry = {"name": name, **more}
        if pem and index % 3 == 0:
            entry["certificate_pem"] = pem
        elif pem and index % 3 == 1:
            _write(directory / f"{name}.file.pem", pem)
            entry["certificate_pem"] = f"file:{name}.file.pem"  # relative to the configuration
        elif pem and not more:
            _write(domains_dir / f"{name}.pem", pem)
            continue
        elif pem:
            entry["certificate_pem"] = pem
        domains.append(entry)
    leaves["certdir"].write_certdir(directory / "certdir")
    leaves["pair-ec"].write_certdir(directory / "pairs", leaves["pair-rsa"])
    return {
        "master_domain": rows[0][0],
        "domains_dir": str(domains_dir),
        "domains": domains,
        "aliases": [{"alias": "default_certdir", "value": "certdir"}],
    }


def _write(path, text):
    path.touch(0o600)
    path.write_text(text)
