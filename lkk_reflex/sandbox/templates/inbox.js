// Whoever comes back from the portal wants the newest message.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) location.reload();
});
