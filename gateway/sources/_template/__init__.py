"""How to add a source: copy this folder, rename it, change three things.

1. `thermometer.py`: what one attempt does. It yields items (`Reading` here, `Seen` for cameras), raises `SourceLost`
   when trying again may help and `Refused` when a person has to act. No retrying and no back-off: `flow.supervise`
   does that for every source alike. Time comes from a `Clock`, so that tests own it.
2. `tests/unit/sources/test_template.py`: its test, with the conformance checks of `gateway.testing` that every source
   passes.
3. `gateway/app/build`: one constructor call that puts it to work, and its settings in `gateway/config`.
"""
