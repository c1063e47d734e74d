// What the form designer takes of SortableJS; `make install` bundles it into static/vendor.
import Sortable, { AutoScroll } from 'sortablejs/modular/sortable.core.esm.js';

Sortable.mount(new AutoScroll());
export default Sortable;
