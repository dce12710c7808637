document.getElementById("follow").requestSubmit();
