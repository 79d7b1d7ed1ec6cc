"""``python -m explorer`` opens the window, as ``backprop-explorer`` does."""

from explorer.app.main import main

raise SystemExit(main())
