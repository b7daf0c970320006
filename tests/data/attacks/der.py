"""DER as a tree, so that a part can be exchanged and all lengths around it follow."""


def parse(octets):
    nodes, at = [], 0
    while at < len(octets):
        tag, length, at = octets[at], octets[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(octets[at:at + count], "big"), at + count
        content, at = octets[at:at + length], at + length
        nodes.append([tag, parse(content) if tag & 0x20 else content])
    return nodes


def encode(nodes):
    out = b""
    for tag, content in nodes:
        body = encode(content) if isinstance(content, list) else content
        size = len(body)
        length = bytes([size]) if size < 128 else bytes([0x80 | (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
        out += bytes([tag]) + length + body
    return out


def exchange(octets, old, new, last=True):
    """Exchanges the last (or every) element that has exactly these octets."""
    nodes, wanted, found = parse(octets), parse(bytes.fromhex(old))[0], []

    def visit(list_):
        for i, node in enumerate(list_):
            if node == wanted:
                found.append((list_, i))
            elif isinstance(node[1], list):
                visit(node[1])

    visit(nodes)
    for list_, i in found[-1:] if last else found:
        list_[i] = parse(bytes.fromhex(new))[0]
    if not found:
        raise ValueError("the element is not there")
    return encode(nodes)
