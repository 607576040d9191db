# One-line names for the commands of the task runner: `cargo xtask help`.

up *args:
    cargo xtask up {{args}}

demo:
    cargo xtask up --demo

test *args:
    cargo xtask test {{args}}

app:
    cargo xtask app

dist:
    cargo xtask dist

openapi:
    cargo xtask openapi

fuzz *args:
    cargo xtask fuzz {{args}}

bench *args:
    cargo xtask bench {{args}}
