"""What would go wrong in a run, told before it does: `fuzztui doctor`.

Each area is a module of pure functions, from readings to findings, beside small readers that make the readings; `page`
puts the areas together.
"""
