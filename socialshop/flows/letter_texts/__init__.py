"""The words of letters, one module per area: `TEXTS = {kind: (subject, body)}`, with `{facts}`, in plain text."""
