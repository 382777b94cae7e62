/* A moment as the pages of the server write it: day, month and a clock of 24 hours. */
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const form = new Intl.DateTimeFormat(language, {
  weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

export const clock = (at) => form.format(at);
