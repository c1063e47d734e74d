/** The flow designer: its modules in the order they stand on one another. */
import '../studio.js';
import './canvas.js';
import './panel.js';
import './tools.js';
import './sim.js';
import '../studio-problems.js';
import { select } from '../studio.js';

// Where somebody was sent: …#n_lead selects that step; otherwise what the flow begins with.
select(decodeURIComponent(location.hash.slice(1)) || 'start');
