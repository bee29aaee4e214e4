/** The container in Swift of images: Glance's own name for it. */
export const CONTAINER = 'glance';
/** The project in Keystone whose account in Swift has it. */
export const PROJECT = 'service';
/** Signs URLs by which images are fetched from there. */
export const URL_KEY = 'glance-url-key';
