"""What sestina does: one public function per verb, the repo first, an answer record back."""
