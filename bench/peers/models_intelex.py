"""scikit-learn with Intel's extension, which patches it for the whole process: the cases of models.py."""

import os

import daal4py
from sklearnex import patch_sklearn

# Before anything of scikit-learn is imported, or the patch misses it.
patch_sklearn(verbose=False)
daal4py.daalinit(int(os.environ["OMP_NUM_THREADS"]))

import sklearnex  # noqa: E402
from models import CASES  # noqa: E402
from peer import serve  # noqa: E402

serve(CASES, [("scikit-learn-intelex", sklearnex)])
