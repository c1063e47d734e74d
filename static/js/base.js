/** What every page has: htmx with its guards, the frame and its keys. */
import './app.js';
import './shell.js';
