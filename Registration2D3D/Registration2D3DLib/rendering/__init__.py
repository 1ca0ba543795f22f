"""Line integrals through volumes and surface models. All but `units` imports torch or vtk, for the worker only."""
