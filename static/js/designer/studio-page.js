/** The form designer: its modules in the order they stand on one another. */
import './studio.js';
import './canvas.js';
import './insert.js';
import './keys.js';
import './drag.js';
import './studio-side.js';
import './studio-access.js';
import './studio-problems.js';
import './panel.js';
import { select } from './studio.js';

// Where somebody was sent: /design/…#qty selects that field.
select(decodeURIComponent(location.hash.slice(1)));
