"""Hooks around a restore. Both run inside its transaction, for the preview too: `dry_run` tells which it is.

What a receiver raises (`ValidationError`, `PermissionDenied`, `RestoreError`) refuses the restore with its
message. Effects outside the database belong into `transaction.on_commit`, which a preview never reaches.

`restoring(sender, ask, user, using, dry_run)` is sent before the first row is written,
`restored(sender, plan, user, using, dry_run)` after the last one. The sender is the class of the ask. Django's
own `pre_save`, `post_save` and the like are not sent.
"""

from __future__ import annotations

from django.dispatch import Signal

restoring = Signal()
restored = Signal()
