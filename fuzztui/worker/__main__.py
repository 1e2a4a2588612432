"""`python -m fuzztui.worker`: started by the coordinator only."""

from fuzztui.worker.main import main

if __name__ == "__main__":
    main()
