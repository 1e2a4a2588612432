"""Programs of a machine with a stack: a header, constants, then code with jumps and calls."""

import struct


class PlantedError(Exception):
    """A called procedure stores beyond the memory."""


class MalformedError(Exception):
    """The bytes are no program, or it fails in an orderly way."""


PUSH, ADD, MUL, STORE, LOAD, JUMP, CALL, RETURN, CONST, HALT = range(1, 11)


def run(data: bytes) -> int:
    """Execute a program; what is left on the stack."""
    if data[:2] != b"\xc5\x01" or len(data) < 4:
        raise MalformedError("magic")
    count = data[2]
    begin = 3 + 2 * count
    if begin >= len(data):
        raise MalformedError("constants")
    constants = struct.unpack_from(f">{count}H", data, 3)
    code = data[begin:]
    stack: list[int] = []
    calls: list[int] = []
    memory = [0] * 16
    at = 0
    for _ in range(200):
        if at >= len(code):
            raise MalformedError("end")
        operation = code[at]
        operand = code[at + 1] if at + 1 < len(code) else 0
        at += 1
        if operation == PUSH:
            stack.append(operand)
            at += 1
        elif operation == CONST:
            if operand >= len(constants):
                raise MalformedError("constant")
            stack.append(constants[operand])
            at += 1
        elif operation in (ADD, MUL):
            if len(stack) < 2:
                raise MalformedError("stack")
            right, left = stack.pop(), stack.pop()
            stack.append((left + right if operation == ADD else left * right) & 0xFFFF)
        elif operation in (STORE, LOAD):
            if not stack:
                raise MalformedError("stack")
            address = stack.pop()
            if address >= len(memory):
                if operation == STORE and calls and stack and stack[-1] == 0x1234:
                    raise PlantedError
                raise MalformedError("address")
            if operation == LOAD:
                stack.append(memory[address])
            elif stack:
                memory[address] = stack.pop()
        elif operation == JUMP:
            at = operand
        elif operation == CALL:
            calls.append(at + 1)
            at = operand
        elif operation == RETURN:
            if not calls:
                raise MalformedError("return")
            at = calls.pop()
        elif operation == HALT:
            return len(stack)
        else:
            raise MalformedError("operation")
    raise MalformedError("steps")


def fuzz_machine(data: bytes) -> None:
    try:
        run(data)
    except MalformedError:
        return
