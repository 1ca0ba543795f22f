"""What a module computes from: pictures, scans, samples; whether they were changed since."""
