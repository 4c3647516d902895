document.addEventListener("sendapi-connected", ({ detail }) => {
  document.querySelector("#number").textContent = detail.phoneNumber;
});
