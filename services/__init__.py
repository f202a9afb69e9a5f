"""The four services of wangge; none imports another, they meet in the topics."""
