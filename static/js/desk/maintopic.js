// The main topic is one of the topics: the list of choices follows the chips.
const topics = document.querySelector("input[data-chips]")
const main = document.querySelector("select[data-main-topic]")

if (topics && main) {
  topics.addEventListener("change", () => {
    const chosen = main.value
    const words = topics.value.split(",").map((word) => word.trim()).filter(Boolean)
    const none = main.options[0]
    main.replaceChildren(none, ...words.map((word) => new Option(word, word, false, word === chosen)))
  })
}
