/** The language of all mails, and how it writes dates and amounts. */
export const LANGUAGE = 'en-US';
